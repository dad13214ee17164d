"""The verbs over chats and messages: each one transaction, each transition a conditional update.

asking: rows for a prompt and its reply, and the ticket on commit. work: what a worker does with a reply. ending: what
anybody else does to it (cancel, time out, delete). lookup: finding what belongs to a user.
"""
