# policy wallpaper
# a partner is registered
/^roles:/ i\
recipients:\
  partner: {text: Partner (example), role: processor, kind: partner, items: [account-name], purposes: [account], region: CN, agreement: {signed: 2026-01-20, expires: 2028-01-20}, clause: S3-3.1}
