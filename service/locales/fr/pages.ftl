# The texts of pages.
