using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Devices.Life;

/// <summary>
/// A message store whose writes wait, in their order, until a test lets them through to <paramref name="disk"/>, or fails them. It ends as with its process: some of
/// the writes that wait are on the disk then, always the first ones, and nobody is told.
/// </summary>
internal sealed class HeldStore(IMessageStore disk) : IMessageStore
{
    private const int BehindAbove = 6;

    private readonly Lock _gate = new();
    private readonly Queue<Write> _waiting = new();
    private bool _isLost;

    public int WaitingCount
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    public bool IsAway => disk.IsAway;

    public bool IsBehind => WaitingCount > BehindAbove;

    public Task<bool> TryAppendAsync(DeviceMessage message) => HoldAsync(() => disk.TryAppendAsync(message));

    public Task UpdateAsync(MessageChange change) => HoldAsync(() => DoneAsync(disk.UpdateAsync(change)));

    // What waits here has not been handed in.
    public Task? TryUpdateWithAppend(MessageChange change) => null;

    public Task AcknowledgeLateAsync(DeviceId device, string messageId, DateTimeOffset at) => HoldAsync(() => DoneAsync(disk.AcknowledgeLateAsync(device, messageId, at)));

    public ValueTask<ImmutableArray<DeviceMessage>> LoadOpenAsync(DeviceId device) => disk.LoadOpenAsync(device);

    public Task<DeviceMessage?> FindAsync(DeviceId device, string messageId) => disk.FindAsync(device, messageId);

    public Task<ImmutableArray<DeviceMessage>> ListAsync(DeviceId device, ListDeviceMessages page) => disk.ListAsync(device, page);

    public Task<ImmutableArray<DeviceMessage>> ListProductAsync(string productKey, ListProductMessages page) => disk.ListProductAsync(productKey, page);

    public Task<ImmutableArray<DeviceId>> FindExpiredAsync(DateTimeOffset now, int limit) => disk.FindExpiredAsync(now, limit);

    public Task<int> DeleteFinishedAsync(DateTimeOffset before, int limit) => disk.DeleteFinishedAsync(before, limit);

    /// <summary>The first writes reach the disk, and are answered.</summary>
    public Task CommitAsync(int count = int.MaxValue) => EndAsync(Take(count), isWritten: true, static (write, isNew) => write.Answer.TrySetResult(isNew));

    /// <summary>The store does not say in time what has become of the first writes. They may have reached the disk all the same.</summary>
    public Task FailAsync(int count, bool isWritten) =>
        EndAsync(Take(count), isWritten, static (write, _) => write.Answer.TrySetException(new StoreUnavailableException("The store did not answer in time.")));

    /// <summary>The process is gone: of what waits, the first writes have reached the disk. Whoever is left of the process does no harm any more.</summary>
    public async Task LoseAsync(int written)
    {
        Write[] waiting;
        lock (_gate)
        {
            _isLost = true;
            waiting = Take(int.MaxValue);
        }

        await EndAsync(waiting[..Math.Min(written, waiting.Length)], isWritten: true, static (_, _) => { });
        await EndAsync(waiting, isWritten: false, static (write, _) => write.Answer.TrySetResult(true));
    }

    private static async Task<bool> DoneAsync(Task write)
    {
        await write;
        return true;
    }

    // Handed in together, as they come to a batch writer.
    private static async Task EndAsync(Write[] writes, bool isWritten, Action<Write, bool> answer)
    {
        var results = isWritten ? await Task.WhenAll(writes.Select(static write => write.ApplyAsync())) : new bool[writes.Length];
        for (var i = 0; i < writes.Length; i++)
        {
            answer(writes[i], results[i]);
        }
    }

    private Task<bool> HoldAsync(Func<Task<bool>> apply)
    {
        lock (_gate)
        {
            if (_isLost)
            {
                return Task.FromResult(true);
            }

            var write = new Write(apply, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
            _waiting.Enqueue(write);
            return write.Answer.Task;
        }
    }

    private Write[] Take(int count)
    {
        lock (_gate)
        {
            var taken = new Write[Math.Min(count, _waiting.Count)];
            for (var i = 0; i < taken.Length; i++)
            {
                taken[i] = _waiting.Dequeue();
            }

            return taken;
        }
    }

    private sealed record Write(Func<Task<bool>> ApplyAsync, TaskCompletionSource<bool> Answer);
}
