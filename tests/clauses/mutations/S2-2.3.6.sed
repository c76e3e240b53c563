# policy smart-home
# another kit is registered
/^recipients:/ a\
  other-sdk: {text: {zh: 其他开发包（示例）, en: Other kit (example)}, role: processor, kind: sdk, items: [os-version], purposes: [operation], region: CN, agreement: {signed: 2026-02-01, expires: 2028-02-01}, clause: S2-2.3.6}
