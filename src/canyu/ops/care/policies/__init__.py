"""What is promised: calendars, policies, who answers, and texts written beforehand."""
