using System.Collections.Concurrent;
using IotPlatform.Devices;

namespace IotPlatform.Storage;

/// <summary>New messages that wait for their batch. What becomes of one meanwhile goes with it, and costs no write of its own. Bounded by the queue of the writer.</summary>
/// <param name="ended">Called with a message whose write has ended, however.</param>
internal sealed class UnwrittenMessages(Action<DeviceMessage>? ended = null)
{
    private readonly ConcurrentDictionary<MessageKey, UnwrittenMessage> _messages = new();

    /// <summary>Writes a new message.</summary>
    /// <param name="message">As it was accepted.</param>
    /// <param name="write">Hands it in; says whether it is new, once it is durable.</param>
    public async Task<bool> WriteAsync(DeviceMessage message, Func<UnwrittenMessage, Task<bool>> write)
    {
        var key = MessageKey.Of(message);
        var unwritten = _messages[key] = new UnwrittenMessage(message);
        try
        {
            return await (unwritten.Writing = write(unwritten)).ConfigureAwait(false);
        }
        finally
        {
            ended?.Invoke(message);
            _messages.TryRemove(key, out _);
        }
    }

    /// <summary>A message has come further.</summary>
    /// <returns>Its write, where the change goes with it; null where that has begun, or there is none.</returns>
    public Task? TryGoOn(MessageChange change) =>
        _messages.TryGetValue(MessageKey.Of(change), out var unwritten) && unwritten.TryGoOn(change) ? unwritten.Writing : null;
}
