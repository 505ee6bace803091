"""What a page says. Every selector of the project lives in this folder, one class a page type or template."""
