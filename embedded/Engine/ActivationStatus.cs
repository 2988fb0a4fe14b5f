namespace IotPlatform.Embedded;

/// <summary>Where an activation stands: only forward.</summary>
internal enum ActivationStatus : byte
{
    /// <summary>In its home, not constructed yet.</summary>
    Created,

    /// <summary>Constructing, or running OnActivateAsync; requests wait.</summary>
    Activating,

    /// <summary>Takes requests.</summary>
    Valid,

    /// <summary>Running OnDeactivateAsync; requests wait, to be sent to a fresh activation.</summary>
    Deactivating,

    /// <summary>Out of its home.</summary>
    Gone,
}
