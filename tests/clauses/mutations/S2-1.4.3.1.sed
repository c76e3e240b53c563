# policy smart-home
# managing the software is not related to operation
/^  operation:/ s/related: \[software-management\], //
