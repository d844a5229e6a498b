// A shop as one would write it. The preload traces it; `addMetadata` adds what only the shop knows.
import { addMetadata, setUser } from '@canvasops/register/api';
import express from 'express';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
const app = express();
app.use(express.json());

app.get('/products', async (_request, response) => {
  const { rows } = await pool.query('SELECT id, name, price FROM products ORDER BY name');
  response.json(rows);
});

app.get('/products/:id', async (request, response) => {
  const { rows } = await pool.query('SELECT id, name, price FROM products WHERE id = $1', [
    request.params.id,
  ]);
  if (rows.length === 0) return response.status(404).json({ error: 'no such product' });
  response.json(rows[0]);
});

app.post('/orders', async (request, response) => {
  const { product, quantity, customer } = request.body;
  setUser(customer);
  addMetadata('shop.quantity', quantity);
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const stock = await client.query('SELECT price, stock FROM products WHERE id = $1 FOR UPDATE', [product]);
    await client.query('UPDATE products SET stock = stock - $1 WHERE id = $2', [quantity, product]);
    const order = await client.query(
      'INSERT INTO orders (product_id, quantity, customer) VALUES ($1, $2, $3) RETURNING id',
      [product, quantity, customer],
    );
    const amount = stock.rows[0].price * quantity;
    const payment = await fetch(`${process.env.PAYMENTS_URL}/charges?token=sk_live_not_for_traces`, {
      method: 'POST',
      body: JSON.stringify({ amount, customer }),
    });
    if (!payment.ok) throw new Error(`the payment was refused (${payment.status})`);
    await client.query('COMMIT');
    response.status(201).json({ order: order.rows[0].id, amount });
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
});

app.use((error, _request, response, _next) => {
  response.status(500).json({ error: error.message });
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening ${server.address().port}`);
});
