# code src/policy/difference.def
# who gets data counts as nothing
s/^OF(RECIPIENT, RECIPIENTS)$/OF(RECIPIENT, NONE)/
