# code src/engine/change.c
# values do not keep the version they came under
s/        \.policy_version = call->info->version,/        .policy_version = 1,/
