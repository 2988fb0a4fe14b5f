using System.Collections.Immutable;
using System.Globalization;
using IotPlatform.Storage;
using Orleans.Concurrency;

namespace IotPlatform.Broadcasts;

/// <summary>A part of the devices that have had a broadcast. Reentrant: a store that is slow must not hold up who only asks.</summary>
[Reentrant]
internal sealed class ReachedDevicesGrain(IBroadcastStore store) : Grain, IReachedDevicesGrain
{
    private readonly HashSet<ulong> _reached = [];
    private long _messageId;
    private int _part;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Key: reached/{messageId}/{part}
        var parts = this.GetPrimaryKeyString().Split('/');
        _messageId = long.Parse(parts[1], CultureInfo.InvariantCulture);
        _part = int.Parse(parts[2], CultureInfo.InvariantCulture);
        _reached.UnionWith(await store.LoadReachedAsync(_messageId, _part));
    }

    public Task ReachedAsync(DeviceHashes devices) => AddAsync([.. devices.Hashes.Where(_reached.Add)]);

    public async Task<ClaimReply> ClaimAsync(DeviceHashes devices, bool marks)
    {
        ImmutableArray<bool> areNew = [.. devices.Hashes.Select(hash => marks ? _reached.Add(hash) : !_reached.Contains(hash))];
        if (marks)
        {
            await AddAsync([.. devices.Hashes.Where((_, i) => areNew[i])]);
        }

        return new ClaimReply(areNew);
    }

    private async Task AddAsync(ImmutableArray<ulong> added)
    {
        if (added.IsEmpty)
        {
            return;
        }

        try
        {
            await store.AddReachedAsync(_messageId, _part, added);
        }
        catch
        {
            // Whoever has told of them does so again.
            _reached.ExceptWith(added);
            throw;
        }
    }
}
