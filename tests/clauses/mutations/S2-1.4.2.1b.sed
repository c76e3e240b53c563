# code src/engine/account.c
# an address that nobody proved makes an account
s/shown && agreed ? "active"/agreed ? "active"/
