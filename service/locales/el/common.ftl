# Ημερομηνίες, διάρκειες και ονόματα που μοιράζονται οι σελίδες και τα μηνύματα.

language-name = Ελληνικά

moment = { $day } { $month ->
    [1] Ιανουαρίου
    [2] Φεβρουαρίου
    [3] Μαρτίου
    [4] Απριλίου
    [5] Μαΐου
    [6] Ιουνίου
    [7] Ιουλίου
    [8] Αυγούστου
    [9] Σεπτεμβρίου
    [10] Οκτωβρίου
    [11] Νοεμβρίου
   *[12] Δεκεμβρίου
} { $year }, { $time } UTC

span-seconds = { $count ->
    [one] { $count } δευτερόλεπτο
   *[other] { $count } δευτερόλεπτα
}
span-minutes = { $count ->
    [one] { $count } λεπτό
   *[other] { $count } λεπτά
}
span-hours = { $count ->
    [one] { $count } ώρα
   *[other] { $count } ώρες
}
span-days = { $count ->
    [one] { $count } ημέρα
   *[other] { $count } ημέρες
}
