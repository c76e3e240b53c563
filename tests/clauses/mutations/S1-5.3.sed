# policy messenger
# the number is changed without a code
/^  phone:$/,/clause:/ s/changed_by_code: true, //
