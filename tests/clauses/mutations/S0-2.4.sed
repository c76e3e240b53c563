# policy widgets
# widget-display collects as often as it likes
/^  widget-display:/,/^    clause:/ s/frequency: once_per_launch/frequency: any/
