# policy widgets
# a helper for whatever is necessary is registered
/^recipients:/ a\
  handy-helper: {text: Helper (example), role: processor, kind: partner, items: [device-model], purposes: [improvement], region: CN, agreement: {signed: 2026-01-10, expires: 2028-01-10}, clause: S0-4.7}
