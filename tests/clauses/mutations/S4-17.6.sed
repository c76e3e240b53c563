# policy media
# advertising is not asked for
/^  advertising: {/ s/consent: explicit, //
