using System.Runtime.CompilerServices;

namespace IotPlatform.Mqtt.Topics;

/// <summary>Walks all items of a <see cref="SlotSet{TItem}"/> as it was when the walk began.</summary>
internal struct SlotEnumerator<TItem>
    where TItem : class, ISlotItem<TItem>
{
    private readonly TItem?[]? _slots;
    private TItem? _single;
    private int _index;

    public SlotEnumerator(object? content)
    {
        _slots = (content as SlotTable<TItem>)?.Slots;
        _single = _slots is null ? Unsafe.As<TItem?>(content) : null;
        Current = null!;
    }

    public TItem Current { get; private set; }

    public bool MoveNext()
    {
        if (_slots is null)
        {
            Current = _single!;
            _single = null;
            return Current is not null;
        }

        while (_index < _slots.Length)
        {
            var slot = Volatile.Read(ref _slots[_index++]);
            if (slot is not null && !ReferenceEquals(slot, TItem.Removed))
            {
                Current = slot;
                return true;
            }
        }

        return false;
    }
}
