using System.Runtime.CompilerServices;

namespace IotPlatform.Mqtt.Topics;

/// <summary>Walks the items of a <see cref="SlotSet{TItem}"/> that may have a certain hash; the caller compares.</summary>
internal struct SlotProbe<TItem>
    where TItem : class, ISlotItem<TItem>
{
    private readonly TItem?[]? _slots;
    private TItem? _single;
    private int _index;

    public SlotProbe(object? content, int hash)
    {
        _slots = (content as SlotTable<TItem>)?.Slots;
        _single = _slots is null ? Unsafe.As<TItem?>(content) : null;
        _index = hash;
        Current = null!;
    }

    public TItem Current { get; private set; }

    public readonly SlotProbe<TItem> GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_slots is null)
        {
            Current = _single!;
            _single = null;
            return Current is not null;
        }

        // The chain ends at a slot that was never used; there is always one.
        Current = Volatile.Read(ref _slots[_index++ & (_slots.Length - 1)])!;
        return Current is not null;
    }
}
