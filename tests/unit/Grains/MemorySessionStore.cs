using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Sessions;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>Sessions in memory. A test can hold up or fail what is written.</summary>
internal sealed class MemorySessionStore : ISessionStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DeviceId, SessionRecord> _sessions = [];
    private readonly SortedDictionary<(string Device, long Sequence), (DeviceId Device, StoredCopy Copy, bool IsReleased)> _messages = [];

    /// <summary>Called before a write is made, with what it is.</summary>
    public Func<string, Task> OnWrite { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Called when messages were read, before they are handed over.</summary>
    public Func<Task> OnLoaded { get; set; } = static () => Task.CompletedTask;

    public int SessionCount => Locked(() => _sessions.Count);

    public int MessageCount => Locked(() => _messages.Count);

    public SessionRecord? this[DeviceId device] => Locked(() => _sessions.GetValueOrDefault(device));

    public Task SaveAsync(int shard, SessionRecord session) => WriteAsync("save", () => _sessions[session.Device] = session);

    public Task SaveReceivedAsync(int shard, DeviceId device, ImmutableArray<ReceivedMessage> received) => WriteAsync("received", () =>
    {
        if (_sessions.TryGetValue(device, out var session))
        {
            _sessions[device] = session with { Received = received };
        }
    });

    public Task DeleteAsync(int shard, DeviceId device) => WriteAsync("delete", () =>
    {
        _sessions.Remove(device);
        foreach (var key in _messages.Keys.Where(key => key.Device == device.ToString()).ToList())
        {
            _messages.Remove(key);
        }
    });

    public Task AppendAsync(int shard, DeviceId device, long sequence, StoredCopy copy) =>
        WriteAsync("append", () => _messages.Add((device.ToString(), sequence), (device, copy, false)));

    public Task ReleaseAsync(int shard, DeviceId device, long sequence) => WriteAsync("release", () =>
    {
        var key = (device.ToString(), sequence);
        if (_messages.TryGetValue(key, out var message))
        {
            _messages[key] = message with { IsReleased = true };
        }
    });

    public Task RemoveAsync(int shard, DeviceId device, long sequence) => WriteAsync("remove", () => _messages.Remove((device.ToString(), sequence)));

    public Task<ImmutableArray<SessionRecord>> LoadAsync(int shard) =>
        Task.FromResult(Locked<ImmutableArray<SessionRecord>>(() => [.. _sessions.Values.Where(session => SessionShards.Of(session.Device) == shard)]));

    public Task<ImmutableArray<(DeviceId Device, long Sequence, QueuedHead Head)>> LoadHeadsAsync(int shard) =>
        Task.FromResult(Locked<ImmutableArray<(DeviceId, long, QueuedHead)>>(() =>
        [
            .. _messages.Where(entry => SessionShards.Of(entry.Value.Device) == shard).Select(static entry => (
                entry.Value.Device,
                entry.Key.Sequence,
                new QueuedHead(
                    entry.Value.Copy.QoS, entry.Value.Copy.Message.Bytes, entry.Value.Copy.Message.PublishId, entry.Value.Copy.Message.ExpiresAt,
                    entry.Value.IsReleased, MayHaveBeenSent: true))),
        ]));

    public async Task<ImmutableArray<(long Sequence, StoredCopy Copy)>> LoadMessagesAsync(int shard, DeviceId device)
    {
        var messages = Locked<ImmutableArray<(long, StoredCopy)>>(() =>
            [.. _messages.Where(entry => entry.Value.Device == device).Select(static entry => (entry.Key.Sequence, entry.Value.Copy))]);
        await OnLoaded();
        return messages;
    }

    private async Task WriteAsync(string what, Action write)
    {
        await OnWrite(what);
        Locked(() =>
        {
            write();
            return 0;
        });
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }
}
