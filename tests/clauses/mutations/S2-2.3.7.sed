# policy smart-home
# reading text messages is declared without a function
/^permissions:/ a\
  read-sms: {clause: S2-2.3.7, text: {zh: 读取短信, en: read text messages}}
