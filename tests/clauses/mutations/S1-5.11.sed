# policy messenger
# withdrawing ends collection only
/^withdrawal:/ s/collect_and_use/collect_only/
