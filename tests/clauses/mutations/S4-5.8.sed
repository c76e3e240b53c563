# policy media
# withdrawing ends use, too
/^withdrawal:/ s/collect_only/collect_and_use/
