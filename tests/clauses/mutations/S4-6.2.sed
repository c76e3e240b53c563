# policy media
# somebody is registered
/^recipients:/ a\
  somebody: {text: Somebody (example), role: processor, kind: partner, items: [nickname], purposes: [service], region: CN, agreement: {signed: 2026-01-20, expires: 2028-01-20}, clause: S4-6.2}
