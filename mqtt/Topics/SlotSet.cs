using System.Runtime.CompilerServices;

namespace IotPlatform.Mqtt.Topics;

/// <summary>
/// A set of items in one field: null for none, the item itself for one, a <see cref="SlotTable{TItem}"/> for more. Most nodes of a large trie have one
/// child or one subscriber, and pay for no table. One writer at a time; readers take no lock.
/// </summary>
internal struct SlotSet<TItem>
    where TItem : class, ISlotItem<TItem>
{
    private object? _content;

    /// <summary>Whether there is no item.</summary>
    public readonly bool IsEmpty => Volatile.Read(in _content) is null;

    /// <summary>Adds an item whose key is not in the set.</summary>
    public void Add(TItem item)
    {
        if (_content is SlotTable<TItem> table)
        {
            table.Add(item);
        }
        else
        {
            Volatile.Write(ref _content, _content is null ? item : TableOf(Unsafe.As<TItem>(_content), item));
        }
    }

    /// <summary>Puts an item into the place of another that has the same key.</summary>
    public void Replace(TItem item, TItem by)
    {
        if (_content is SlotTable<TItem> table)
        {
            table.Replace(item, by);
        }
        else
        {
            Volatile.Write(ref _content, by);
        }
    }

    /// <summary>Removes an item that is in the set.</summary>
    public void Remove(TItem item)
    {
        if (_content is not SlotTable<TItem> table)
        {
            Volatile.Write(ref _content, null);
            return;
        }

        table.Remove(item);
        if (table.Count == 1)
        {
            var last = GetEnumerator();
            last.MoveNext();
            Volatile.Write(ref _content, last.Current);
        }
    }

    /// <summary>Walks all items.</summary>
    public readonly SlotEnumerator<TItem> GetEnumerator() => new(Volatile.Read(in _content));

    /// <summary>Where to look for items with this hash. Others may be among them.</summary>
    public readonly SlotProbe<TItem> Probe(int hash) => new(Volatile.Read(in _content), hash);

    private static SlotTable<TItem> TableOf(TItem first, TItem second)
    {
        var table = new SlotTable<TItem>();
        table.Add(first);
        table.Add(second);
        return table;
    }
}
