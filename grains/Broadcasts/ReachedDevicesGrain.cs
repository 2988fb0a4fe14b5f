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
    private readonly Dictionary<ulong, Task> _underWay = [];
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

    public Task ReachedAsync(DeviceHashes devices)
    {
        // One that is being stored for somebody else is stored when that is done, or is not.
        var underWay = devices.Hashes.Where(_underWay.ContainsKey).Select(hash => _underWay[hash]).Distinct().ToArray();
        return Task.WhenAll([AddAsync([.. devices.Hashes.Where(_reached.Add)]), .. underWay]);
    }

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

        var storing = StoreAsync(added);
        foreach (var hash in added)
        {
            _underWay[hash] = storing;
        }

        try
        {
            await storing;
        }
        catch
        {
            // Whoever has told of them does so again.
            _reached.ExceptWith(added);
            throw;
        }
        finally
        {
            foreach (var hash in added)
            {
                _underWay.Remove(hash);
            }
        }
    }

    // A store that refuses at once fails its task like one that does later.
    private async Task StoreAsync(ImmutableArray<ulong> added) => await store.AddReachedAsync(_messageId, _part, added);
}
