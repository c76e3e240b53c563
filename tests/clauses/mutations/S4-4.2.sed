# policy media
# being asked is not asked for
/^  surveys: {/ s/consent: explicit, //
