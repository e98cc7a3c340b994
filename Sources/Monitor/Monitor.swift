// Monitor: what runs again and again.
