# policy smart-home
# an unknown age is no obstacle
/^age:/,/^[a-z]*:$/ s/unknown: deny/unknown: allow/
