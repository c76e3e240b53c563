# policy smart-home
# withdrawing ends collection only
/^withdrawal:/ s/collect_and_use/collect_only/
