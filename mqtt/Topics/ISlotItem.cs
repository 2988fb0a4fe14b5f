namespace IotPlatform.Mqtt.Topics;

/// <summary>What a <see cref="SlotTable{TItem}"/> needs to know of its items.</summary>
internal interface ISlotItem<TSelf>
    where TSelf : class, ISlotItem<TSelf>
{
    /// <summary>The mark that a removed item leaves in its slot, so that searches go on behind it. Equal to no item.</summary>
    static abstract TSelf Removed { get; }

    /// <summary>A hash of the item's key that is well spread in its low bits and never changes.</summary>
    int Hash { get; }
}
