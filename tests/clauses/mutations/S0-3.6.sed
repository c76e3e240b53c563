# policy widgets
# device-recognition asks for nothing
/^  device-recognition:/,/^    clause:/ s/consent: explicit/consent: notice/
