# policy media
# this is some other kind of app
s/app_type: audio-video/app_type: other/
