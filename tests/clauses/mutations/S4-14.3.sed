# policy media
# from fourteen on everybody decides alone
s/below: 18, mode: self_and_guardian, form: express/below: 18, mode: self/
