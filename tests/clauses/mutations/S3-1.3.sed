# policy wallpaper
# this is some other kind of app
s/app_type: utility/app_type: other/
