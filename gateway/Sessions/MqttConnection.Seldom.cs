using IotPlatform.Delivery;
using IotPlatform.Devices;

namespace IotPlatform.Sessions;

/// <content>What few connections have.</content>
internal sealed partial class MqttConnection
{
    /// <summary>
    /// What a connection holds only when its client wants something of it: most of a million do not.
    /// </summary>
    private sealed class SeldomNeeded
    {
        private DeviceWill? _will;
        private PendingInvocations? _invocations;

        /// <summary>Published when the connection ends without a goodbye.</summary>
        public DeviceWill? Will
        {
            get => Volatile.Read(ref _will);
            set => Volatile.Write(ref _will, value);
        }

        /// <summary>What its client has published and is not done with.</summary>
        public DeferredAcknowledgements? Deferred { get; set; }

        /// <summary>The topic aliases that its client sends with.</summary>
        public ReceivedAliases? Aliases { get; set; }

        /// <summary>Where its enhanced authentication stands.</summary>
        public EnhancedAuthentication? Authentication { get; set; }

        /// <summary>How much its client may publish; null: as much as it likes.</summary>
        public PublishRate? Rate { get; set; }

        /// <summary>Complete once the last PUBREL that had to be kept first has been sent.</summary>
        public Task LastRelease { get; set; } = Task.CompletedTask;

        /// <summary>Broadcasts that it has missed while it was away.</summary>
        public MissedBroadcasts? Missed { get; set; }

        /// <summary>Requests to its client that somebody waits for; null: there have been none.</summary>
        public PendingInvocations? Invocations => Volatile.Read(ref _invocations);

        /// <summary>The same, made where there are none.</summary>
        public PendingInvocations OpenInvocations() => Invocations ?? Interlocked.CompareExchange(ref _invocations, new PendingInvocations(), null) ?? _invocations!;

        /// <summary>Takes the will, once: it is published or discarded.</summary>
        public DeviceWill? TakeWill() => Interlocked.Exchange(ref _will, null);
    }
}
