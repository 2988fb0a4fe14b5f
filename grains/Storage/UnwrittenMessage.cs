using IotPlatform.Devices;

namespace IotPlatform.Storage;

/// <summary>A new message that waits for its batch.</summary>
/// <param name="accepted">As it was accepted.</param>
internal sealed class UnwrittenMessage(DeviceMessage accepted)
{
    private readonly Lock _gate = new();
    private bool _hasBegun;

    /// <summary>As it was accepted.</summary>
    public DeviceMessage Accepted => accepted;

    /// <summary>How far it has come since; null for nowhere. For its writer, who has begun.</summary>
    public MessageChange? Change { get; private set; }

    /// <summary>How far it has come. For its writer, who has begun.</summary>
    public MessageProgress Progress => Change?.Progress ?? accepted.Progress;

    /// <summary>Completes when it is durable.</summary>
    public Task<bool>? Writing { get; set; }

    /// <summary>Its batch is about to be written, perhaps not for the first time: from here on it stays as it is.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _hasBegun = true;
        }
    }

    /// <returns>False when its batch is being written.</returns>
    public bool TryGoOn(MessageChange change)
    {
        lock (_gate)
        {
            if (_hasBegun)
            {
                return false;
            }

            Change = Change is null ? change : change.Over(Change);
            return true;
        }
    }
}
