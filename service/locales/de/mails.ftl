# The texts of mails.
