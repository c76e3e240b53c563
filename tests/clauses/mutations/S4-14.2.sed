# policy media
# from fourteen the guardian alone is asked
s/mode: self_and_guardian/mode: guardian/
