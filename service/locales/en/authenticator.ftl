# The texts of the authenticator, the web app. $service, the service's name, is given to every message.

authenticator-title = { $service } Mobile App
authenticator-needs = This app needs scripts, a current browser, and room to keep data on this phone.
authenticator-working = One moment, please …
authenticator-failed = This did not work. Please try again.
authenticator-no-network = The service cannot be reached: are you online? To add a device you need a connection. Codes are shown without one.
authenticator-storage = The browser keeps no data for this app, so there can be no device here. Use no private window, and free some space on the phone.
authenticator-later = The service takes no more tries for now. Try again after { $moment }.
authenticator-back = Back

## The list

authenticator-list = Devices on this phone
authenticator-none = There is no device on this phone yet.
authenticator-cleared = If you had added one, the browser has deleted it together with other data. Remove the device in your account under “{ mobile-title }”, and add it again.
authenticator-install = It is best to install this app first: choose “Install” or “Add to home screen” in the menu of your browser. You then find it more easily, and the browser does not delete its data so soon. Add your device in the installed app.
authenticator-waits = Not confirmed yet: answer the question on the page of your account.
authenticator-recovery = It was said that all devices of this account are lost: they can be removed from { $moment } on. If that was not you, cancel it: sign in with a device that you have had for a while, or follow the link in our e-mails.
authenticator-recovery-of-one = It was said that another device of this account is lost: it can be removed from { $moment } on. If that is not so, cancel it: sign in with that device, or follow the link in our e-mails.
authenticator-scan = Scan a picture
authenticator-initialise = Initialise
authenticator-code = Show a code
authenticator-remove = Remove from this phone

## A device is added

authenticator-add-text = Open “{ mobile-title }” in your account and choose “{ mobile-add }”. Then scan the picture that you are shown.
authenticator-add-type = Or type what stands below the picture:
authenticator-wrong-uid = Type the user ID as it stands below the picture.
authenticator-wrong-code = Type the code as it stands below the picture.
authenticator-gone = This code is not valid, or no longer: it works once, and for five minutes. Check it, or begin again on the page of your account.
authenticator-service = Service
authenticator-pin-title = Enter your PIN
authenticator-pin-hint = The four digits that you chose on the page of your account.
authenticator-wrong-pin = This is not the PIN that you chose. Tries left: { $tries }
authenticator-pin-over = The PIN was wrong too often, and nothing was added. Begin again on the page of your account.
authenticator-waiting-title = Now confirm on the page
authenticator-waiting-text = The page of your account asks whether this is your phone. Press “{ mobile-confirm-submit }” there. Only then does the device count.
authenticator-confirmed = “{ $device }” was added. You can now sign in with it.
authenticator-ended = “{ $device }” was not added: it was cancelled on the page, or took too long. You can begin again there.
authenticator-unheard = The service has not said yet whether the device was added. The app asks again the next time that you open it.
authenticator-biometrics = This phone can also let you in by its fingerprint, face or lock, without the app: <a>add it to your account as a trusted platform</a>.

## The camera

authenticator-scan-text = Hold the phone so that the camera sees the whole picture.
authenticator-no-camera = The camera cannot be used: there is none, or it was not allowed. You can type instead: press “{ authenticator-initialise }” for a new device, or “{ authenticator-code }” beside the one that you have.
authenticator-foreign = This picture or link is not for this app.

## A code is shown

authenticator-not-here = The device that is asked for is not on this phone. Use the phone on which you added it. If it was this one, its browser has deleted the data: remove the device in your account under “{ mobile-title }”, and add it again.
authenticator-challenge = The ten digits from the page
authenticator-wrong-challenge = Type the ten digits that the page shows.
authenticator-code-pin-hint = The PIN of this device. The app cannot know whether it is right: with a wrong PIN it shows a wrong code.
authenticator-shown-title = Your code
authenticator-shown-text = Type it on the page. It is hidden after two minutes.
authenticator-hidden = Two minutes are over, and the code is hidden again.

## A device is removed

authenticator-remove-text = This phone then shows no more codes for this device. Remove it in your account as well, under “{ mobile-title }”: it counts there until you do.
authenticator-remove-submit = Remove
authenticator-removed = “{ $device }” was removed from this phone. Now remove it in your account as well, under “{ mobile-title }”.

## A request is answered, and the PIN is changed

authenticator-asked-to-sign-in = Somebody wants to sign in
authenticator-asked-to-change = Somebody wants to change the account
authenticator-answer = Answer
authenticator-request-title = Is this you?
authenticator-request-text = Somebody who knows the password of this account wants to sign in. Go on only if you see these words on a page in front of you.
authenticator-number = Number
authenticator-number-hint = The two digits on the page that is waiting.
authenticator-wrong-number-digits = Type the two digits that the page shows.
authenticator-wrong-number = This was not the number on the page, and the request has ended. If you see no such page, somebody else is trying to sign in with your password: change it.
authenticator-continue = Continue
authenticator-approve-hint = The PIN of this device. After five wrong ones in a row the device is blocked.
authenticator-approve = Confirm
authenticator-approved = Confirmed. The page that was waiting goes on by itself.
authenticator-request-gone = This request has been answered, or is older than two minutes. Ask anew on the page that was waiting.
authenticator-not-me = This wasn’t me
authenticator-deny-text = Then the request ends, the password of the account no longer works, and you set a new one with a link that is mailed to you. From where the request came nothing more is asked for a day. This device keeps working.
authenticator-deny = Yes, it wasn’t me
authenticator-denied = The request has ended. The password no longer works: set a new one with “Lost your password?” on the sign-in page.
authenticator-change-pin = Change PIN
authenticator-change-pin-text = The new PIN counts as soon as the service has confirmed it. If you have forgotten the old one, remove the device in your account under “{ mobile-title }”, and add it again.
authenticator-old-pin = Old PIN
authenticator-new-pin = New PIN
authenticator-new-pin-again = New PIN once more
authenticator-pin-changed = The PIN was changed.
authenticator-wrong-pin-left = This is not the PIN of this device. Wrong ones that are left before it is blocked: { $tries }
authenticator-device-gone = This device is no longer in your account. Remove it here, and add it again if you want to use it.
authenticator-device-blocked = This device is blocked, since the PIN was wrong five times in a row. In your account, under “{ mobile-title }”, you can unblock it with another second factor or a recovery code.
authenticator-device-suspended = This device is suspended. In your account, under “{ mobile-title }”, you can put it in force again with another second factor or a recovery code.
authenticator-wrong-clock = The clock of this phone is wrong: it is { $moment } now. Let the phone set its clock by itself, and try again.

## The app is out of date

authenticator-outdated-title = This app is out of date
authenticator-outdated-text = The service does not understand this version of the app any more. Load the new one: your devices stay on this phone. Until then the app still shows codes.
authenticator-outdated-renew = Load the new version

## Being told of requests

authenticator-push-text = This phone can tell you when somebody wants to sign in, also while the app is closed. It works without that: open the app, and it looks for itself.
authenticator-push-tell = Tell me
authenticator-push-tell-not = Do not tell me any more
authenticator-push-asked = Your browser asks whether this is allowed.
authenticator-push-on = This phone tells you from now on.
authenticator-push-off = This phone tells you nothing any more.
authenticator-push-failed = This phone cannot tell you, or it was not allowed. Open the app when a page waits for you.
