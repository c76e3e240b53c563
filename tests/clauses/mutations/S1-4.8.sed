# policy messenger
# support reaches identity documents
/^  support:$/,/^    clause:/ s/    raw: /    partitions: [default, documents]\n    raw: /
