DROP TABLE outbox;
DROP TABLE advice;
DROP TABLE tier_fall;
DROP TABLE line_of_merchant;
