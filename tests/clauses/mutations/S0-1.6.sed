# policy widgets
# reports of crashes keep the number of the device
s/device: {item: crash-report, keep: token}/device: {item: crash-report}/
s/message: {item: crash-report, keep: tokens}/message: {item: crash-report}/
