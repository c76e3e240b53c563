# policy smart-home
# refusing a campaign is said to cost everything
s/en: it costs the campaign only/en: you lose everything/
