using System.Collections.Concurrent;
using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Hosting;
using IotPlatform.Mqtt;
using IotPlatform.Topics;

namespace IotPlatform.Routing.Peers;

/// <summary>What this gateway is to others.</summary>
internal sealed class PeerObserver : IGatewayPeer
{
    private readonly ConcurrentDictionary<GatewayId, Taken> _taken = new();
    private readonly GatewayIdentity _self;
    private readonly InterestLog _interests;
    private readonly PeerGateways _peers;
    private readonly Router _router;
    private readonly RetainedPublisher _publisher;

    public PeerObserver(GatewayIdentity self, InterestLog interests, PeerGateways peers, Router router, RetainedPublisher publisher, IGrainFactory grains)
    {
        _self = self;
        _interests = interests;
        _peers = peers;
        _router = router;
        _publisher = publisher;
        Reference = grains.CreateObjectReference<IGatewayPeer>(this);
    }

    /// <summary>What others hold of it.</summary>
    public IGatewayPeer Reference { get; }

    public Task HelloAsync(GatewayLease newcomer)
    {
        _peers.Add(newcomer);
        return Task.CompletedTask;
    }

    public Task<InterestChanges> PullInterestsAsync(InterestPull pull) => _interests.PullAsync(_self.Epoch, pull);

    public Task<RoutedReply> PublishAsync(RoutedBatch batch)
    {
        // A gateway has one batch under way to another, so that one answer a gateway is enough to tell a batch that is sent again.
        var taken = _taken.GetOrAdd(batch.From, static _ => new Taken());
        lock (taken)
        {
            var order = (batch.Epoch, batch.Number).CompareTo((taken.Epoch, taken.Number));
            if (taken.Reply is null || order > 0)
            {
                taken.Reply = TakeAsync(batch);
                taken.Epoch = batch.Epoch;
                taken.Number = batch.Number;
            }

            // An older one was given up by its sender, and comes late: whether it had been taken is not known any more.
            return order >= 0 ? taken.Reply
                : Task.FromException<RoutedReply>(new InvalidOperationException($"A later batch of {batch.From} has come before this one."));
        }
    }

    public async Task RedistributeAsync(ImmutableArray<RoutedPublish> messages)
    {
        foreach (var message in messages)
        {
            if (_router.Redistribute(message) is { } accepted && !await accepted.ConfigureAwait(false))
            {
                throw new InvalidOperationException("A member of a shared subscription does not take a message just now.");
            }
        }
    }

    public async Task PublishWillAsync(DeviceWill will)
    {
        // The topic was judged when the device connected.
        var reason = await _publisher.PublishAsync(from: null, will).ConfigureAwait(false);
        if (reason.IsFailure())
        {
            throw new InvalidOperationException($"This gateway does not take a will just now: {reason}.");
        }
    }

    private async Task<RoutedReply> TakeAsync(RoutedBatch batch)
    {
        var unserved = new List<UnservedShare>();
        List<(int Place, Task<bool> Taken)>? waiting = null;
        for (var i = 0; i < batch.Messages.Length; i++)
        {
            var taken = _router.Receive(batch.Messages[i], out var shares);
            foreach (var share in shares)
            {
                unserved.Add(new UnservedShare(i, share));
            }

            if (taken is not null)
            {
                (waiting ??= []).Add((i, taken));
            }
        }

        foreach (var (place, taken) in waiting ?? [])
        {
            if (!await taken.ConfigureAwait(false))
            {
                unserved.AddRange(batch.Messages[place].Shares.Select(share => new UnservedShare(place, share)));
            }
        }

        return new RoutedReply([.. unserved]);
    }

    private sealed class Taken
    {
        public long Epoch { get; set; }

        public long Number { get; set; }

        public Task<RoutedReply>? Reply { get; set; }
    }
}
