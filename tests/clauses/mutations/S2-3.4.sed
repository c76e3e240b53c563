# policy smart-home
# a ground for collecting in an emergency is one for sharing, too
/^  public-emergency:/,/clause:/ s/for: \[collect, use\]/for: [collect, use, share]/
