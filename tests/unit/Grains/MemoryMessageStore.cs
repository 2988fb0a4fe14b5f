using System.Collections.Concurrent;
using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>Messages in memory. A test can hold up or fail what is written.</summary>
internal sealed class MemoryMessageStore : IMessageStore
{
    private readonly ConcurrentDictionary<(DeviceId Device, string MessageId), DeviceMessage> _messages = new();
    private readonly UnwrittenMessages _unwritten = new();

    public Func<DeviceId, ValueTask> OnLoad { get; set; } = static _ => ValueTask.CompletedTask;

    public Func<DeviceMessage, Task> OnAppend { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Called when a message is stored, and nobody knows it yet.</summary>
    public Action<DeviceMessage> AfterAppend { get; set; } = static _ => { };

    public Func<MessageProgress, Task> OnUpdate { get; set; } = static _ => Task.CompletedTask;

    public Func<Task> OnFind { get; set; } = static () => Task.CompletedTask;

    public bool IsAway { get; set; }

    public bool IsBehind { get; set; }

    public int Count => _messages.Count;

    public DeviceMessage? this[DeviceId device, string messageId] => _messages.GetValueOrDefault((device, messageId));

    public Task<bool> TryAppendAsync(DeviceMessage message) => _unwritten.WriteAsync(message, async unwritten =>
    {
        await OnAppend(message);
        unwritten.Begin();
        var isNew = _messages.TryAdd((message.Device, message.MessageId), message with { Progress = unwritten.Progress });
        AfterAppend(message);
        return isNew;
    });

    public Task UpdateAsync(MessageChange change) => TryUpdateWithAppend(change) ?? ChangeAsync(change);

    public Task? TryUpdateWithAppend(MessageChange change) => _unwritten.TryGoOn(change);

    public Task AcknowledgeLateAsync(DeviceId device, string messageId, DateTimeOffset at)
    {
        if (this[device, messageId] is { Progress: { Reason: not null, AcknowledgedLateAt: null } } message)
        {
            _messages[(device, messageId)] = message with { Progress = message.Progress with { AcknowledgedLateAt = at } };
        }

        return Task.CompletedTask;
    }

    public async ValueTask<ImmutableArray<DeviceMessage>> LoadOpenAsync(DeviceId device)
    {
        await OnLoad(device);
        return [.. Of(device).Where(static m => !m.Progress.IsFinal).OrderBy(static m => m.Sequence)];
    }

    public async Task<DeviceMessage?> FindAsync(DeviceId device, string messageId)
    {
        await OnFind();
        return this[device, messageId];
    }

    public Task<ImmutableArray<DeviceMessage>> ListAsync(DeviceId device, ListDeviceMessages page) =>
        Task.FromResult<ImmutableArray<DeviceMessage>>([.. Of(device)
            .Where(m => (page.Status is null || m.Progress.Status == page.Status) && m.Sequence < (page.BeforeSequence ?? long.MaxValue))
            .OrderByDescending(static m => m.Sequence)
            .Take(page.PageSize)]);

    public Task<ImmutableArray<DeviceMessage>> ListProductAsync(string productKey, ListProductMessages page) =>
        Task.FromResult<ImmutableArray<DeviceMessage>>([.. _messages.Values
            .Where(m => m.Device.ProductKey == productKey && (page.Status is null || m.Progress.Status == page.Status))
            .Where(m => page.After is not { } after || (string.CompareOrdinal(m.Device.DeviceName, after.DeviceName), m.Sequence.CompareTo(after.Sequence)) is ( > 0, _) or (0, > 0))
            .OrderBy(static m => m.Device.DeviceName, StringComparer.Ordinal).ThenBy(static m => m.Sequence)
            .Take(page.PageSize)]);

    public Task<ImmutableArray<DeviceId>> FindExpiredAsync(DateTimeOffset now, int limit) =>
        Task.FromResult<ImmutableArray<DeviceId>>(
            [.. _messages.Values.Where(m => !m.Progress.IsFinal && m.ExpiresAt <= now).Select(static m => m.Device).Distinct().Take(limit)]);

    public Task<int> DeleteFinishedAsync(DateTimeOffset before, int limit) =>
        Task.FromResult(_messages.Where(m => m.Value.Progress.FinishedAt < before).Take(limit).Count(_messages.TryRemove));

    private IEnumerable<DeviceMessage> Of(DeviceId device) => _messages.Values.Where(m => m.Device == device);

    private async Task ChangeAsync(MessageChange change)
    {
        await OnUpdate(change.Progress);
        if (_messages.TryGetValue((change.Device, change.MessageId), out var message))
        {
            _messages[(change.Device, change.MessageId)] = message with { Progress = change.Progress };
        }
    }
}
