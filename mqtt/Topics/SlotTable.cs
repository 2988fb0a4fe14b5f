namespace IotPlatform.Mqtt.Topics;

/// <summary>
/// An open-addressing hash table for one writer at a time and any number of readers, who take no lock. Invariant: an item never moves inside an
/// array of slots; growing and shrinking fill a new array and publish it. So a reader that walks one array sees every item that stays in
/// the table meanwhile exactly once.
/// </summary>
internal sealed class SlotTable<TItem>
    where TItem : class, ISlotItem<TItem>
{
    private const int SlotsMin = 4;

    private TItem?[] _slots = new TItem?[SlotsMin];

    // Slots that are not null: items, and marks of removed ones.
    private int _used;

    /// <summary>How many items there are.</summary>
    public int Count { get; private set; }

    /// <summary>The slots to search or walk: a power of two of them, at least one of which is null.</summary>
    public TItem?[] Slots => Volatile.Read(ref _slots);

    /// <summary>Adds an item whose key is not in the table.</summary>
    public void Add(TItem item)
    {
        if ((_used + 1) * 4L > _slots.Length * 3L)
        {
            Rebuild();
        }

        Volatile.Write(ref _slots[FreeSlot(_slots, item.Hash)], item);
        _used++;
        Count++;
    }

    /// <summary>Puts an item into the place of another that has the same key.</summary>
    public void Replace(TItem item, TItem by) => Volatile.Write(ref _slots[IndexOf(item)], by);

    /// <summary>Removes an item that is in the table.</summary>
    public void Remove(TItem item)
    {
        Volatile.Write(ref _slots[IndexOf(item)], TItem.Removed);
        Count--;
        if (_slots.Length > SlotsMin && Count * 8L < _slots.Length)
        {
            Rebuild();
        }
    }

    private static int FreeSlot(TItem?[] slots, int hash)
    {
        var index = hash & (slots.Length - 1);
        while (slots[index] is not null)
        {
            index = (index + 1) & (slots.Length - 1);
        }

        return index;
    }

    private int IndexOf(TItem item)
    {
        var index = item.Hash & (_slots.Length - 1);
        while (!ReferenceEquals(_slots[index], item))
        {
            index = (index + 1) & (_slots.Length - 1);
        }

        return index;
    }

    // At most three fifths full with one more item, and without the marks of removed ones.
    private void Rebuild()
    {
        var length = SlotsMin;
        while (length * 3L < (Count + 1) * 5L)
        {
            length *= 2;
        }

        var slots = new TItem?[length];
        foreach (var slot in _slots)
        {
            if (slot is not null && !ReferenceEquals(slot, TItem.Removed))
            {
                slots[FreeSlot(slots, slot.Hash)] = slot;
            }
        }

        _used = Count;
        Volatile.Write(ref _slots, slots);
    }
}
